"""`python -m contentfab`."""

from contentfab.cli.app import main

if __name__ == "__main__":
    main()
