"""gunicorn for WSGI applications: threads, and for the rest the same as ours."""

import os

bind = f"{os.environ['HOST']}:{os.environ['PORT']}"
workers = 2
worker_class = "gthread"
threads = 4
timeout = 30
keepalive = 5
max_requests = 1_000_000
accesslog = None
worker_tmp_dir = "/dev/shm"
control_socket_disable = True
