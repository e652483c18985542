"""The issuing desk and the exporter's portal: application, review, approval, issue, blank stock."""
