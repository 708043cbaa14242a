"""Prints the versions of what the scripts here use, as JSON; fails where one is missing."""
import json
import platform

import numpy
import scipy
import sklearn

print(json.dumps({"scikit-learn": sklearn.__version__, "numpy": numpy.__version__, "scipy": scipy.__version__,
                  "python": platform.python_version()}))
