"""A playbook as a document to read; the public function is in `handbook`."""
