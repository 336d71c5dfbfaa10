"""`python -m zhanggui`: the command line."""

from zhanggui.cli import main

if __name__ == "__main__":
    main()
