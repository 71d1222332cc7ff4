"""Google Sheets and Drive: one client that keeps to Google's quotas, and what Google's refusals mean.

Nothing here imports gspread or google-auth before a Google source or sink is used.
"""
