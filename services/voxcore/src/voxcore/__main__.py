"""`python -m voxcore`."""

import sys

from voxcore.main import main

sys.exit(main())
