/// Why the stored token cannot be used or kept. Nothing of it or of its key is told.
package enum TokenStoreError: Error, Equatable, Sendable {
  /// Others than the owner may read or write the file (its mode): what is in it may be known, or
  /// planted.
  case openToOthers(path: String, mode: UInt32)
  /// The file is another user's.
  case foreignOwner(path: String)
  case notARegularFile(path: String)
  /// The file is no store, was changed, or was written with another key or for another user.
  case undecryptable(path: String)
  case systemCall(name: String, path: String, code: Int32)
}

extension TokenStoreError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .openToOthers(let path, let mode):
      "\(path) is open to others (mode \(String(mode, radix: 8))) and not used; it must be 600"
    case .foreignOwner(let path): "\(path) belongs to another user and is not used"
    case .notARegularFile(let path): "\(path) is not a regular file"
    case .undecryptable(let path):
      "\(path) cannot be decrypted: it was changed, or written with another key or for another user"
    case .systemCall(let name, let path, let code):
      "\(name) of \(path) failed with error \(code)"
    }
  }
}
