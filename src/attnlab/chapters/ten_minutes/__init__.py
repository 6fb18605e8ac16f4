"""The room of the chapter `ten_minutes`."""
