import CFuzzer
import FuzzedDecoders
import Glibc

// riskfuzz DECODER [options and folders of libFuzzer]

guard ChosenDecoder.value != nil else {
  let names = FuzzedDecoder.allCases.map(\.rawValue).joined(separator: ", ")
  let usage = Array("usage: riskfuzz DECODER [options of libFuzzer]; decoders: \(names)\n".utf8)
  _ = write(STDERR_FILENO, usage, usage.count)
  exit(2)
}

var count = CommandLine.argc
var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
if count > 1, FuzzedDecoder(rawValue: CommandLine.arguments[1]) != nil {
  // The decoder's name is no folder of libFuzzer's.
  arguments?[1] = arguments?[0]
  arguments = arguments?.advanced(by: 1)
  count -= 1
}
exit(LLVMFuzzerRunDriver(&count, &arguments) { readOneInput($0, $1) })
