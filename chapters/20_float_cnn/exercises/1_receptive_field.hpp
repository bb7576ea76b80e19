// Exercise 20.1: how much of the picture an output sees.
//
// Two convolutions of 3 x 3 see 5 x 5 pixels of what goes into the first; with stride 2 in the
// first, 7 x 7. Write seen_through: the one window that looks through all of `windows`, of which
// the first runs first. Its height and width say how many pixels of the input one number of the
// last output depends on, its stride how far it moves from one output to the next, and its padding
// how far the first one reaches over the picture's edge. Without any window, an output is a pixel:
// 1 x 1, stride 1, padding 0.
#pragma once

#include <span>

#include "20_float_cnn/picture.hpp"
#include "common/exercise.hpp"

namespace exercise {

inline qfs::Window seen_through([[maybe_unused]] std::span<const qfs::Window> windows) {
  // TODO: return the window that looks through all of them.
  qfs::not_written_yet("20.1: seen_through");
}

}  // namespace exercise
