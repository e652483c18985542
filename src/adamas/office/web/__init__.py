"""What all pages share: settings, addresses, the open office, layout, filters, uploads, jobs. Holds no rules."""
