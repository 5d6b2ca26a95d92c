"""Where `python3` begins when it is given this folder. Older versions must be able to read as far as their refusal."""
import sys

if sys.version_info < (3, 9):
    sys.exit("Python functions need Python 3.9 or newer, and python3 is %d.%d" % sys.version_info[:2])

if __name__ == "__main__":
    from bellows_worker.main import main

    main()
