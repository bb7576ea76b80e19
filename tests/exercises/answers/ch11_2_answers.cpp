// Answers to exercise 11.2. What several of them share stands first: packing by a rule for the
// group.
#include "tests/exercises/answers.hpp"
#include "tests/exercises/ch11_2_test.cpp"

namespace parts {

using qfs::Group;
using qfs::Lanes;
using qfs::Step;
using qfs::Steps;
using Groups = std::vector<Group>;

inline void add(Group& group, const Step& step) {
  const Lanes more = qfs::lanes_of(step);
  group.steps.push_back(step);
  for (std::size_t lane = 0; lane < more.size(); ++lane) group.lanes[lane] += more[lane];
}

inline Lanes sums_with(const Group& group, const Step& step) {
  Lanes lanes = group.lanes;
  const Lanes more = qfs::lanes_of(step);
  for (std::size_t lane = 0; lane < more.size(); ++lane) lanes[lane] += more[lane];
  return lanes;
}

inline std::int32_t fullest_of(const Lanes& lanes) {
  return std::max({lanes[0].positive, -lanes[0].negative, lanes[1].positive, -lanes[1].negative});
}

inline std::int32_t total_of(const Lanes& lanes) {
  return lanes[0].positive - lanes[0].negative + lanes[1].positive - lanes[1].negative;
}

inline bool fits(const Group& group, const Step& step, std::int32_t x_max, std::size_t longest) {
  return group.steps.size() < longest && qfs::fit_together(group.lanes, qfs::lanes_of(step), x_max);
}

// Each step into the group with the highest score(group, step) of those that can_hold it, the first
// of these where there are several.
inline Groups pack_by(const Steps& steps, auto can_hold, auto score) {
  Groups groups;
  for (const Step& step : steps) {
    Group* best = nullptr;
    for (Group& group : groups)
      if (can_hold(group, step) && (best == nullptr || score(group, step) > score(*best, step)))
        best = &group;
    add(best != nullptr ? *best : groups.emplace_back(), step);
  }
  return groups;
}

inline std::int32_t fullness(const Group& group, const Step& step) {
  return fullest_of(sums_with(group, step));
}

inline Groups pack_fullest(const Steps& steps, auto can_hold) {
  return pack_by(steps, can_hold, fullness);
}

inline Groups solved(Steps steps, std::int32_t x_max, std::size_t longest) {
  std::ranges::stable_sort(steps, std::greater(), qfs::fullness);
  return pack_fullest(steps, [&](const Group& group, const Step& step) {
    return fits(group, step, x_max, longest);
  });
}

}  // namespace parts

namespace as_they_come {
const Answer kAnswer = right("best fit, the steps as they come");
namespace exercise {
inline std::vector<qfs::Group> best_fit(qfs::Steps steps, std::int32_t x_max, std::size_t longest) {
  return parts::pack_fullest(steps, [&](const parts::Group& group, const parts::Step& step) {
    return parts::fits(group, step, x_max, longest);
  });
}
}  // namespace exercise
#include "tests/exercises/ch11_2_test.cpp"
}  // namespace as_they_come

namespace least_room_in_all {
const Answer kAnswer = right("the least room in all four sums together, the largest steps first");
namespace exercise {
inline std::vector<qfs::Group> best_fit(qfs::Steps steps, std::int32_t x_max, std::size_t longest) {
  std::ranges::stable_sort(steps, std::greater(), [](const parts::Step& step) {
    return parts::total_of(qfs::lanes_of(step));
  });
  return parts::pack_by(
      steps,
      [&](const parts::Group& group, const parts::Step& step) {
        return parts::fits(group, step, x_max, longest);
      },
      [](const parts::Group& group, const parts::Step& step) {
        return parts::total_of(parts::sums_with(group, step));
      });
}
}  // namespace exercise
#include "tests/exercises/ch11_2_test.cpp"
}  // namespace least_room_in_all

namespace first_fit_decreasing {
const Answer kAnswer = wrong("first_fit of the chapter");
namespace exercise {
inline std::vector<qfs::Group> best_fit(qfs::Steps steps, std::int32_t x_max, std::size_t longest) {
  return qfs::first_fit(std::move(steps), x_max, longest);
}
}  // namespace exercise
#include "tests/exercises/ch11_2_test.cpp"
}  // namespace first_fit_decreasing

namespace longest_first {
const Answer kAnswer =
    right("the group with the most steps, of these the fullest; the fullest steps first");
namespace exercise {
inline std::vector<qfs::Group> best_fit(qfs::Steps steps, std::int32_t x_max, std::size_t longest) {
  std::ranges::stable_sort(steps, std::greater(), qfs::fullness);
  return parts::pack_by(
      steps,
      [&](const parts::Group& group, const parts::Step& step) {
        return parts::fits(group, step, x_max, longest);
      },
      [](const parts::Group& group, const parts::Step& step) {
        return static_cast<std::int32_t>(group.steps.size()) * 100000 +
               parts::fullness(group, step);
      });
}
}  // namespace exercise
#include "tests/exercises/ch11_2_test.cpp"
}  // namespace longest_first

namespace next_fit {
const Answer kAnswer = wrong("looks at the last group alone");
namespace exercise {
inline std::vector<qfs::Group> best_fit(qfs::Steps steps, std::int32_t x_max, std::size_t longest) {
  parts::Groups groups;
  for (const parts::Step& step : steps) {
    if (groups.empty() || !parts::fits(groups.back(), step, x_max, longest)) groups.emplace_back();
    parts::add(groups.back(), step);
  }
  return groups;
}
}  // namespace exercise
#include "tests/exercises/ch11_2_test.cpp"
}  // namespace next_fit

namespace next_fit_sorted {
const Answer kAnswer = wrong("sorts, and looks at the last group alone");
namespace exercise {
inline std::vector<qfs::Group> best_fit(qfs::Steps steps, std::int32_t x_max, std::size_t longest) {
  std::ranges::stable_sort(steps, std::greater(), qfs::fullness);
  parts::Groups groups;
  for (const parts::Step& step : steps) {
    if (groups.empty() || !parts::fits(groups.back(), step, x_max, longest)) groups.emplace_back();
    parts::add(groups.back(), step);
  }
  return groups;
}
}  // namespace exercise
#include "tests/exercises/ch11_2_test.cpp"
}  // namespace next_fit_sorted

namespace worst_fit {
const Answer kAnswer = wrong("the group with the most room left");
namespace exercise {
inline std::vector<qfs::Group> best_fit(qfs::Steps steps, std::int32_t x_max, std::size_t longest) {
  return parts::pack_by(
      steps,
      [&](const parts::Group& group, const parts::Step& step) {
        return parts::fits(group, step, x_max, longest);
      },
      [](const parts::Group& group, const parts::Step& step) {
        return -parts::fullness(group, step);
      });
}
}  // namespace exercise
#include "tests/exercises/ch11_2_test.cpp"
}  // namespace worst_fit

namespace smallest_first {
const Answer kAnswer = wrong("sorts the wrong way round");
namespace exercise {
inline std::vector<qfs::Group> best_fit(qfs::Steps steps, std::int32_t x_max, std::size_t longest) {
  std::ranges::stable_sort(steps, std::less(), qfs::fullness);
  return parts::pack_fullest(steps, [&](const parts::Group& group, const parts::Step& step) {
    return parts::fits(group, step, x_max, longest);
  });
}
}  // namespace exercise
#include "tests/exercises/ch11_2_test.cpp"
}  // namespace smallest_first

namespace a_group_each {
const Answer kAnswer = wrong("a group for every step");
namespace exercise {
inline std::vector<qfs::Group> best_fit(qfs::Steps steps, std::int32_t, std::size_t) {
  parts::Groups groups;
  for (const parts::Step& step : steps) parts::add(groups.emplace_back(), step);
  return groups;
}
}  // namespace exercise
#include "tests/exercises/ch11_2_test.cpp"
}  // namespace a_group_each

namespace too_long {
const Answer kAnswer = wrong("forgets the longest group");
namespace exercise {
inline std::vector<qfs::Group> best_fit(qfs::Steps steps, std::int32_t x_max, std::size_t) {
  std::ranges::stable_sort(steps, std::greater(), qfs::fullness);
  return parts::pack_fullest(steps, [&](const parts::Group& group, const parts::Step& step) {
    return parts::fits(group, step, x_max, steps.size() + 1);
  });
}
}  // namespace exercise
#include "tests/exercises/ch11_2_test.cpp"
}  // namespace too_long

namespace one_step_more {
const Answer kAnswer = wrong("one step more than the longest group has");
namespace exercise {
inline std::vector<qfs::Group> best_fit(qfs::Steps steps, std::int32_t x_max, std::size_t longest) {
  std::ranges::stable_sort(steps, std::greater(), qfs::fullness);
  return parts::pack_fullest(steps, [&](const parts::Group& group, const parts::Step& step) {
    return parts::fits(group, step, x_max, longest + 1);
  });
}
}  // namespace exercise
#include "tests/exercises/ch11_2_test.cpp"
}  // namespace one_step_more

namespace always_eight {
const Answer kAnswer = wrong("takes 8 for the longest group");
namespace exercise {
inline std::vector<qfs::Group> best_fit(qfs::Steps steps, std::int32_t x_max, std::size_t longest) {
  return parts::solved(std::move(steps), x_max, std::max<std::size_t>(longest, 8));
}
}  // namespace exercise
#include "tests/exercises/ch11_2_test.cpp"
}  // namespace always_eight

namespace for_127 {
const Answer kAnswer = wrong("takes 127 for the largest input");
namespace exercise {
inline std::vector<qfs::Group> best_fit(qfs::Steps steps, std::int32_t x_max, std::size_t longest) {
  return parts::solved(std::move(steps), std::min(x_max, 127), longest);
}
}  // namespace exercise
#include "tests/exercises/ch11_2_test.cpp"
}  // namespace for_127

namespace for_255 {
const Answer kAnswer = wrong("takes 255 for the largest input");
namespace exercise {
inline std::vector<qfs::Group> best_fit(qfs::Steps steps, std::int32_t x_max, std::size_t longest) {
  return parts::solved(std::move(steps), std::max(x_max, 255), longest);
}
}  // namespace exercise
#include "tests/exercises/ch11_2_test.cpp"
}  // namespace for_255

namespace first_lane_alone {
const Answer kAnswer = wrong("looks at the first lane alone");
namespace exercise {
inline std::vector<qfs::Group> best_fit(qfs::Steps steps, std::int32_t x_max, std::size_t longest) {
  return parts::pack_fullest(steps, [&](const parts::Group& group, const parts::Step& step) {
    return group.steps.size() < longest && qfs::fits_lane(parts::sums_with(group, step)[0], x_max);
  });
}
}  // namespace exercise
#include "tests/exercises/ch11_2_test.cpp"
}  // namespace first_lane_alone

namespace positive_alone {
const Answer kAnswer = wrong("looks at the positive sums alone");
namespace exercise {
inline std::vector<qfs::Group> best_fit(qfs::Steps steps, std::int32_t x_max, std::size_t longest) {
  return parts::pack_fullest(steps, [&](const parts::Group& group, const parts::Step& step) {
    return group.steps.size() < longest &&
           parts::sums_with(group, step)[0].positive * x_max <= 32767 &&
           parts::sums_with(group, step)[1].positive * x_max <= 32767;
  });
}
}  // namespace exercise
#include "tests/exercises/ch11_2_test.cpp"
}  // namespace positive_alone

namespace signs_together {
const Answer kAnswer = wrong("one room for both signs");
namespace exercise {
inline std::vector<qfs::Group> best_fit(qfs::Steps steps, std::int32_t x_max, std::size_t longest) {
  std::ranges::stable_sort(steps, std::greater(), qfs::fullness);
  return parts::pack_fullest(steps, [&](const parts::Group& group, const parts::Step& step) {
    return group.steps.size() < longest &&
           (parts::sums_with(group, step)[0].positive - parts::sums_with(group, step)[0].negative) *
                   x_max <=
               32767 &&
           (parts::sums_with(group, step)[1].positive - parts::sums_with(group, step)[1].negative) *
                   x_max <=
               32767;
  });
}
}  // namespace exercise
#include "tests/exercises/ch11_2_test.cpp"
}  // namespace signs_together

namespace lanes_together {
const Answer kAnswer = wrong("one room for both lanes");
namespace exercise {
inline std::vector<qfs::Group> best_fit(qfs::Steps steps, std::int32_t x_max, std::size_t longest) {
  std::ranges::stable_sort(steps, std::greater(), qfs::fullness);
  return parts::pack_fullest(steps, [&](const parts::Group& group, const parts::Step& step) {
    return group.steps.size() < longest &&
           qfs::fits_lane(parts::sums_with(group, step)[0] += parts::sums_with(group, step)[1],
                          x_max);
  });
}
}  // namespace exercise
#include "tests/exercises/ch11_2_test.cpp"
}  // namespace lanes_together

namespace end_at_32768 {
const Answer kAnswer = wrong("lets 32768 pass");
namespace exercise {
inline std::vector<qfs::Group> best_fit(qfs::Steps steps, std::int32_t x_max, std::size_t longest) {
  return parts::pack_fullest(steps, [&](const parts::Group& group, const parts::Step& step) {
    return group.steps.size() < longest &&
           parts::fullest_of(parts::sums_with(group, step)) * x_max <= 32768;
  });
}
}  // namespace exercise
#include "tests/exercises/ch11_2_test.cpp"
}  // namespace end_at_32768

namespace end_at_minus_32767 {
const Answer kAnswer = wrong("ends at -32767");
namespace exercise {
inline std::vector<qfs::Group> best_fit(qfs::Steps steps, std::int32_t x_max, std::size_t longest) {
  return parts::pack_fullest(steps, [&](const parts::Group& group, const parts::Step& step) {
    return group.steps.size() < longest &&
           parts::fullest_of(parts::sums_with(group, step)) * x_max <= 32767;
  });
}
}  // namespace exercise
#include "tests/exercises/ch11_2_test.cpp"
}  // namespace end_at_minus_32767

namespace no_lanes {
const Answer kAnswer = wrong("leaves `lanes` at 0");
namespace exercise {
inline std::vector<qfs::Group> best_fit(qfs::Steps steps, std::int32_t x_max, std::size_t longest) {
  parts::Groups groups = parts::solved(std::move(steps), x_max, longest);
  for (parts::Group& group : groups) group.lanes = {};
  return groups;
}
}  // namespace exercise
#include "tests/exercises/ch11_2_test.cpp"
}  // namespace no_lanes

namespace lost_step {
const Answer kAnswer = wrong("loses the last step");
namespace exercise {
inline std::vector<qfs::Group> best_fit(qfs::Steps steps, std::int32_t x_max, std::size_t longest) {
  if (steps.size() > 100) steps.pop_back();
  return parts::solved(std::move(steps), x_max, longest);
}
}  // namespace exercise
#include "tests/exercises/ch11_2_test.cpp"
}  // namespace lost_step

namespace last_two_groups {
const Answer kAnswer = wrong("sorts, and looks at the last two groups alone");
namespace exercise {
inline std::vector<qfs::Group> best_fit(qfs::Steps steps, std::int32_t x_max, std::size_t longest) {
  std::ranges::stable_sort(steps, std::greater(), qfs::fullness);
  parts::Groups groups;
  for (const parts::Step& step : steps) {
    const std::size_t count = groups.size();
    if (count > 1 && parts::fits(groups[count - 2], step, x_max, longest))
      parts::add(groups[count - 2], step);
    else if (count > 0 && parts::fits(groups[count - 1], step, x_max, longest))
      parts::add(groups[count - 1], step);
    else
      parts::add(groups.emplace_back(), step);
  }
  return groups;
}
}  // namespace exercise
#include "tests/exercises/ch11_2_test.cpp"
}  // namespace last_two_groups

namespace worst_fit_sorted {
const Answer kAnswer = wrong("sorts, and takes the group with the most room left");
namespace exercise {
inline std::vector<qfs::Group> best_fit(qfs::Steps steps, std::int32_t x_max, std::size_t longest) {
  std::ranges::stable_sort(steps, std::greater(), qfs::fullness);
  return parts::pack_by(
      steps,
      [&](const parts::Group& group, const parts::Step& step) {
        return parts::fits(group, step, x_max, longest);
      },
      [](const parts::Group& group, const parts::Step& step) {
        return -parts::fullness(group, step);
      });
}
}  // namespace exercise
#include "tests/exercises/ch11_2_test.cpp"
}  // namespace worst_fit_sorted

namespace twice {
const Answer kAnswer = wrong("puts one step into two groups");
namespace exercise {
inline std::vector<qfs::Group> best_fit(qfs::Steps steps, std::int32_t x_max, std::size_t longest) {
  if (steps.size() > 100) steps.push_back(steps.back());
  return parts::solved(std::move(steps), x_max, longest);
}
}  // namespace exercise
#include "tests/exercises/ch11_2_test.cpp"
}  // namespace twice

namespace empty_group {
const Answer kAnswer = wrong("begins with an empty group");
namespace exercise {
inline std::vector<qfs::Group> best_fit(qfs::Steps steps, std::int32_t x_max, std::size_t longest) {
  parts::Groups groups = parts::solved(std::move(steps), x_max, longest);
  groups.insert(groups.begin(), parts::Group());
  return groups;
}
}  // namespace exercise
#include "tests/exercises/ch11_2_test.cpp"
}  // namespace empty_group
