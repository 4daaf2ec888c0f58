"""Models as files: what is known of them, where they are, what their licences allow."""
