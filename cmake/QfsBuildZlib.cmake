# ZLIB::ZLIB from the fetched sources in zlib_dir. zlib's own build renames a file of its sources, so
# the parts we need are listed here: memory in, memory out, no files.
enable_language(C)
add_library(fetched_zlib STATIC
  ${zlib_dir}/adler32.c ${zlib_dir}/compress.c ${zlib_dir}/crc32.c ${zlib_dir}/deflate.c
  ${zlib_dir}/inffast.c ${zlib_dir}/inflate.c ${zlib_dir}/inftrees.c ${zlib_dir}/trees.c
  ${zlib_dir}/uncompr.c ${zlib_dir}/zutil.c)
target_include_directories(fetched_zlib SYSTEM PUBLIC "${zlib_dir}")
add_library(ZLIB::ZLIB ALIAS fetched_zlib)
