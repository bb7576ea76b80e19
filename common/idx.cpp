#include "common/idx.hpp"

#include <algorithm>
#include <cstdio>

#include "common/bytes.hpp"
#include "common/inflate.hpp"

namespace qfs {
namespace {

constexpr const char* kAdvice =
    "fetch the file again; `./learn data` fetches MNIST and checks what it got";
constexpr std::uint32_t kLabelsMagic = 0x00000801, kImagesMagic = 0x00000803;

bool is_gzip(std::span<const std::byte> file) {
  return file.size() >= 2 && file[0] == std::byte{0x1f} && file[1] == std::byte{0x8b};
}

std::string hex(std::uint32_t value) {
  char text[16];
  std::snprintf(text, sizeof text, "0x%08x", value);
  return text;
}

struct Header {
  std::size_t bytes = 0;          // its own length
  std::vector<std::size_t> dims;  // 1 for labels, 3 for images
  std::size_t elements = 0;
};

Header parse_header(std::span<const std::byte> start, std::uint32_t magic,
                    const std::string& name) {
  ByteReader reader(start, name, kAdvice);
  const auto got = reader.big_endian<std::uint32_t>("the magic number");
  require(got == magic,
          name + " is not an IDX file of " + (magic == kImagesMagic ? "images" : "labels") +
              ": wrong magic number",
          hex(got), hex(magic), kAdvice);
  Header header;
  header.elements = 1;
  for (std::uint32_t d = 0; d < (magic & 0xff); ++d) {
    header.dims.push_back(reader.big_endian<std::uint32_t>("the dimensions"));
    if (d > 0)
      require(header.dims[d] >= 1 && header.dims[d] <= kMaxPictureSide,
              name + ": pictures of this size are not supported", header.dims[d],
              "1 to " + std::to_string(kMaxPictureSide) + " rows and columns", kAdvice);
    header.elements *= header.dims[d];  // below 2^32 * 2^8 * 2^8: no overflow in 64 bits
  }
  require(header.elements > 0, name + " holds no picture or label", 0, "at least 1", kAdvice);
  require(header.elements <= kMaxPixels, name + " claims too many elements", header.elements,
          "at most " + std::to_string(kMaxPixels), "use a part of this set");
  header.bytes = reader.position();
  return header;
}

// A file's dimensions and elements; the elements lie in `inflated` when the file was gzipped.
struct Content {
  std::vector<std::size_t> dims;
  std::vector<std::byte> inflated;
  std::span<const std::byte> elements;
};

Content parse_idx(std::span<const std::byte> file, std::uint32_t magic, const std::string& name) {
  constexpr std::size_t kLongestHeader = 16;
  const bool gzipped = is_gzip(file);
  const std::vector<std::byte> start =
      gzipped ? inflate_at_most(file, Wrapper::gzip, kLongestHeader, name).bytes
              : std::vector<std::byte>();
  const Header header = parse_header(gzipped ? std::span(start) : file, magic, name);

  Content content{header.dims, {}, file};
  const std::size_t expected = header.bytes + header.elements;
  if (gzipped) {  // one byte more than the header declares is enough to see that there is too much
    Inflated all = inflate_at_most(file, Wrapper::gzip, expected + 1, name);
    require(all.ended || all.bytes.size() > expected,
            name + " is cut off: its gzip stream does not end",
            std::to_string(all.bytes.size()) + " bytes inflated", std::to_string(expected),
            kAdvice);
    require(!all.ended || all.consumed == file.size(), name + " goes on after its gzip stream",
            std::to_string(file.size()) + " bytes", std::to_string(all.consumed), kAdvice);
    content.inflated = std::move(all.bytes);
    content.elements = content.inflated;
  }
  const std::size_t got = content.elements.size();
  require(
      got == expected, name + (got < expected ? " is cut off" : " is longer than its header says"),
      (gzipped && got > expected ? "more than " + std::to_string(expected) : std::to_string(got)) +
          " bytes",
      std::to_string(expected) + " bytes for " + shape_text(header.dims), kAdvice);
  content.elements = content.elements.subspan(header.bytes);
  return content;
}

}  // namespace

IdxImages parse_idx_images(std::span<const std::byte> file, const std::string& name) {
  const Content content = parse_idx(file, kImagesMagic, name);
  IdxImages images;
  images.rows = content.dims[1];
  images.cols = content.dims[2];
  images.pixels = make_tensor<std::uint8_t>({content.dims[0], images.rows * images.cols});
  std::transform(content.elements.begin(), content.elements.end(), values(images.pixels).begin(),
                 std::to_integer<std::uint8_t>);
  return images;
}

std::vector<std::uint8_t> parse_idx_labels(std::span<const std::byte> file,
                                           const std::string& name) {
  const Content content = parse_idx(file, kLabelsMagic, name);
  std::vector<std::uint8_t> labels;
  for (std::byte element : content.elements) {
    const auto label = std::to_integer<std::uint8_t>(element);
    const auto what = [&] {
      return name + ": label " + std::to_string(labels.size()) + " is not a digit";
    };
    require(label <= 9, what, static_cast<int>(label), "0 to 9",
            "this course needs ten classes, numbered from 0");
    labels.push_back(label);
  }
  return labels;
}

}  // namespace qfs
