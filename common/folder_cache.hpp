// Folders that one run of a program keeps for the next: what takes long to make, such as a trained
// net. They lie in work/cache beside datasets/.
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

namespace qfs {

// Where the folder `name` is, or would be once it is kept.
std::string cached_folder(const std::string& name);

// Keeps what save(folder) writes into the folder it is given, which does not exist yet. Does
// nothing where the folder `name` is kept already. It is written under another name and renamed, so
// that nobody ever reads half of it, and what stopped programs have left beside it is removed.
// Where the cache cannot be written, stderr says that `what` is not kept for the next run, and the
// folder lasts until the program ends, also by a signal.
void keep_folder(const std::string& name, std::string_view what,
                 const std::function<void(const std::string& folder)>& save);

// Eight hexadecimal digits that tell one data set from another: zlib's crc32 of all parts in turn.
std::string crc_text(std::initializer_list<std::span<const std::uint8_t>> parts);

}  // namespace qfs
