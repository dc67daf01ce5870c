import CPlatform

/// A pipe: non-blocking, close-on-exec.
package struct PipePair: Sendable {
  /// Enough that one frame of the largest size (256 KiB) never has to be cut for lack of room.
  package static let standardCapacity = 256 * 1_024

  package var readEnd: Descriptor
  package var writeEnd: Descriptor
  /// Bytes that the pipe holds. Less than asked for when the user's pipes already hold many pages
  /// (pipe-user-pages-soft: then one page); more because the kernel rounds up.
  package var capacity: Int

  package static func make(
    capacity: Int = standardCapacity
  ) throws(ProcessControlError) -> PipePair {
    var ends: (Int32, Int32) = (-1, -1)
    let result = withUnsafeMutableBytes(of: &ends) {
      platform_pipe($0.bindMemory(to: Int32.self).baseAddress, Int32(clamping: capacity))
    }
    let actual = try checked(result, "pipe2")
    return PipePair(
      readEnd: Descriptor(owning: ends.0), writeEnd: Descriptor(owning: ends.1),
      capacity: Int(actual))
  }
}
