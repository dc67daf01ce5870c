import FuzzedDecoders
import Glibc

/// The decoder that this process feeds: the first argument, or what the process that started this
/// one handed on. libFuzzer starts the program again with arguments of its own.
enum ChosenDecoder {
  private static let variable = "RISKFUZZ_DECODER"

  static let value: FuzzedDecoder? = {
    let named = getenv(variable).map { String(cString: $0) }
    let decoder = (named ?? CommandLine.arguments.dropFirst().first)
      .flatMap(FuzzedDecoder.init(rawValue:))
    if let decoder { setenv(variable, decoder.rawValue, 1) }
    return decoder
  }()
}

/// What libFuzzer calls for every input.
@_cdecl("LLVMFuzzerTestOneInput")
func readOneInput(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
  ChosenDecoder.value?.read(Array(UnsafeBufferPointer(start: data, count: size)))
  return 0
}
