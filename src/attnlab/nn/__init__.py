"""The layers of torch that two chapters or more build with."""
