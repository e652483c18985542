"""Where people work: a Django project, one app per desk."""
