// The system's libxcrypt: bcrypt.
#pragma once
#include <crypt.h>
