// SPDX-License-Identifier: MIT
// libgit2 reads all certificate authorities of the machine when it starts, which takes longer than a small run: 11 ms. We
// open no connection through it, so the function that it calls for that does nothing here. Being in the library that
// loads libgit2, this definition is found before the one of mbed TLS; other users of mbed TLS keep theirs. A libgit2 that is
// built with another TLS library never asks.

struct mbedtls_x509_crt;

extern "C" int mbedtls_x509_crt_parse_file(mbedtls_x509_crt* /*chain*/, const char* /*path*/);
extern "C" int mbedtls_x509_crt_parse_file(mbedtls_x509_crt* /*chain*/, const char* /*path*/) {
  return 0;
}
