"""One room a chapter, under the chapter's own name with `_` for `-`. No room imports another."""
