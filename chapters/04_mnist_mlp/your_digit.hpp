// `./learn 4 --image my.png`: what the net makes of a digit of the reader's own.
#pragma once

#include <string>

#include "common/cli.hpp"

namespace qfs {

// Throws Error when the file is no PNG or shows no digit, or the weights take other pictures.
void classify_your_digit(const std::string& image, const Options& options);

}  // namespace qfs
