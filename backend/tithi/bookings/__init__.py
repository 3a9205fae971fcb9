"""The visit: book, confirm, check in, complete, no-show, cancel. A *booking* is one visit of one customer. Floor 9."""
