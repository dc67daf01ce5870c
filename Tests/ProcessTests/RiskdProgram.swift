import Glibc

/// The riskd that is tested: the one that was built beside the test binary.
enum RiskdProgram {
  static let path = folder + "/riskd"

  static var isBuilt: Bool { access(path, X_OK) == 0 }

  /// Where nobody looks at what was left out, a missing program is a failure.
  static var isRequired: Bool {
    getenv("CI").map { String(cString: $0) } == "true"
  }

  static var folder: String {
    var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
    let count = readlink("/proc/self/exe", &buffer, buffer.count - 1)
    let path = String(
      decoding: buffer.prefix(max(0, count)).map(UInt8.init(bitPattern:)), as: UTF8.self)
    return path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
  }
}
