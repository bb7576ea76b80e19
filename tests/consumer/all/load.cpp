// Loads the shared object, as Python would, and calls it.
#include <dlfcn.h>

#include <cstdio>

int main(int argc, char** argv) {
  void* extension = argc == 2 ? dlopen(argv[1], RTLD_NOW) : nullptr;
  if (extension == nullptr) {
    std::fprintf(stderr, "%s\n", argc == 2 ? dlerror() : "usage: load EXTENSION");
    return 2;
  }
  const auto quantize = reinterpret_cast<int (*)(float)>(dlsym(extension, "quantize"));
  if (quantize == nullptr) return 2;
  // [-1, 2] onto 0..255: the scale is 3/255, so 0 is 85 steps above the lowest integer.
  std::printf("%d %d\n", quantize(0.0F), quantize(9.0F));
  return quantize(0.0F) == 85 && quantize(9.0F) == 255 ? 0 : 1;
}
