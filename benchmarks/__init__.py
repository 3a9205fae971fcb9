"""What `docs/performance.md` quotes: the goals measured against references on the machine at hand."""
