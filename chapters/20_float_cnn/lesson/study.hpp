// What the sections of this lesson share, in the order of the text.
#pragma once

#include <string>
#include <vector>

#include "04_mnist_mlp/evaluate.hpp"
#include "20_float_cnn/nets.hpp"
#include "20_float_cnn/train_cnn.hpp"
#include "common/cli.hpp"
#include "common/print.hpp"

namespace qfs::ch20 {

// A trained net; `file` is its name in datasets/cnn, empty where it was trained just now.
struct NamedNet {
  std::string name, file;
  Cnn cnn;
};

struct Study {
  const Dataset& data;
  Mlp mlp{};                     // chapter 04's, to compare with
  std::vector<NamedNet> nets{};  // the small net first, where there is one
  std::size_t tested = 0;        // so many test pictures are classified
  // Whether the claims may be made that hold for the committed nets on the bundled digits.
  bool may_claim(const Options& options) const {
    return options.is_default_run() && !nets.front().file.empty();
  }
};

// Folders of .npy files, from --small and --residual; may be empty.
struct YourNets {
  std::string small, residual;
};

// Yours where they are given; else the committed nets for the bundled digits and for Fashion-MNIST;
// for other data the small net, trained now.
std::vector<NamedNet> nets_for(const Options& options, const YourNets& yours, const Dataset& data);

// The nets that --train makes, and how.
struct Plan {
  std::string file;   // of datasets/cnn
  std::string title;  // "small CNN, MNIST"
  Cnn (*make)(Rng* rng, const PictureShape& picture, std::size_t classes);
  CnnRecipe recipe;
  bool fashion = false;
};
const std::vector<Plan>& plans();

// What a net costs for one picture.
struct Cost {
  std::size_t parameters = 0, products = 0;
};
Cost cost_of(Cnn cnn);
std::size_t products_of(const Cnn& cnn, const CnnLayer& layer);

// Classes of the first `count` test pictures, in fixed order.
std::vector<std::uint8_t> classify_ref(const Cnn& cnn, const TestDigits& test, std::size_t count);
// "97.75 % (97.00..98.31)"
std::string share_text(std::size_t right, std::size_t total);

void on_paper(Lesson& lesson);                               // section 1
void sizes(Lesson& lesson);                                  // 2
void patches(const Study& study, Lesson& lesson);            // 3
void order_of_numbers(const Study& study, Lesson& lesson);   // 4
void what_they_learned(const Study& study, Lesson& lesson);  // 5
void one_epoch(const Study& study, Lesson& lesson);          // 6
void mistakes(const Study& study, Lesson& lesson);           // 7
void trace(const Study& study);                              // 8: --trace
void all_nets(const std::string& tables, Lesson& lesson);    // 9: --full
void train_all(const std::string& save, Lesson& lesson);     // 10: --train

}  // namespace qfs::ch20
