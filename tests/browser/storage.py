"""Where a browser keeps what a reader does in the book, and how that can fail."""

KEY = "attention-by-experiment"
# By the script that breaks the storage: what a page then says.
BROKEN = {
    "Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('', "
    "'SecurityError'); } })": "Your browser does not let this page keep anything",
    "Storage.prototype.setItem = () => { throw new DOMException('', 'QuotaExceededError'); }": (
        "The browser’s storage is full"
    ),
    f"localStorage.setItem('{KEY}', '{{')": "",
    f"""localStorage.setItem('{KEY}', '{{"version": 99}}')""": "by a newer edition of this book",
}
