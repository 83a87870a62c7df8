"""Files of deals: looked at before an engine reads them, and read as the playbook wants them."""
