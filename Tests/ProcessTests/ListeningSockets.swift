import Foundation

/// Where a process takes connections over the network, as the kernel lists it.
enum ListeningSockets {
  /// Such as `127.0.0.1:9464`; an address of the longer kind is in the kernel's own form.
  static func addresses(of pid: Int32) throws -> [String] {
    let folder = "/proc/\(pid)/fd"
    let own = Set(
      try FileManager.default.contentsOfDirectory(atPath: folder).compactMap { number in
        // A descriptor may be closed meanwhile.
        try? FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/\(number)")
      })
    return try ["tcp", "tcp6"].flatMap { table in
      try String(contentsOfFile: "/proc/\(pid)/net/\(table)", encoding: .utf8)
        .split(separator: "\n").dropFirst().compactMap { row in
          let fields = row.split(separator: " ")
          guard fields.count > 9, fields[3] == "0A", own.contains("socket:[\(fields[9])]") else {
            return nil
          }
          return readable(fields[1])
        }
    }
  }

  /// The kernel writes an address of four bytes as a number of this machine's, the last byte first.
  private static func readable(_ address: Substring) -> String {
    let parts = address.split(separator: ":")
    guard parts.count == 2, parts[0].count == 8, let number = UInt32(parts[0], radix: 16),
      let port = UInt16(parts[1], radix: 16)
    else { return String(address) }
    let bytes = [0, 8, 16, 24].map { "\(number >> $0 & 0xFF)" }
    return "\(bytes.joined(separator: ".")):\(port)"
  }
}
