"""The worker of Python functions: it runs user code, and nothing that must stay alive beside it.

Of the standard library alone, for Python 3.9 and newer. A module is named after the one of the Node worker
(`src/worker`) or of the protocol that has the same duty. Imports go one way, from `main` down:

    main > load, thread_executor, loop_executor > executor > console_capture > output > frame_codec
    values > value_packer, unpacker > packer, extensions > errors > limits

All of it is imported before user code is: from then on nothing here looks for a file, or for a name in `sys.modules`
that user code may have taken.
"""
