"""From accepted rows to figures and pages: indicators, counters, summaries. Knows nothing of workbooks or files."""
