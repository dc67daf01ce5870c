// The canonical JSON of a value: UTF-8, members in the order of their names' bytes, absent ones left
// out, no white space, integers in decimal, strings with no more escapes than JSON demands. Equal
// values have equal bytes. An enumeration is an object with one member, its case:
// {"flat":{"_0":"CON.F.US.MNQ.Z26"}}, a value without a label being named by its place.
//
// It is what a sorted `JSONEncoder` makes of the `Codable` form of the value, byte for byte. Values
// that travel or are recorded with every event write and read it by themselves, some thirty times as
// fast; whatever they do not write or recognise goes the general way, inside one of them too.

/// A value that writes and reads its canonical JSON by itself.
package protocol CanonicalValue {
  func write(to json: inout CanonicalWriter)

  /// Reads exactly what `write` writes.
  ///
  /// - Throws: `NotCanonical` for everything else, also where it is JSON for the same value.
  init(from json: inout CanonicalReader) throws(NotCanonical)
}

/// The text is not the canonical JSON of the value; the general way decides what it is.
package struct NotCanonical: Error {
  package init() {}
}

/// JSON of any value, by way of `Codable`.
package protocol GeneralJSON {
  /// Canonical JSON.
  func text(of value: any Encodable) throws -> [UInt8]
  func value<Value: Decodable>(_ type: Value.Type, from json: [UInt8]) throws -> Value
}

extension CanonicalValue where Self: IntegerCoded {
  package func write(to json: inout CanonicalWriter) { json.append(integer) }

  package init(from json: inout CanonicalReader) throws(NotCanonical) {
    self.init(integer: try json.integer())
  }
}

extension CanonicalValue where Self: RawRepresentable, RawValue == String {
  package func write(to json: inout CanonicalWriter) { json.append(rawValue) }

  package init(from json: inout CanonicalReader) throws(NotCanonical) {
    guard let value = Self(rawValue: try json.text()) else { throw NotCanonical() }
    self = value
  }
}

extension CanonicalValue where Self: RawRepresentable, RawValue == Int {
  package func write(to json: inout CanonicalWriter) { json.append(Int64(rawValue)) }

  package init(from json: inout CanonicalReader) throws(NotCanonical) {
    guard let number = Int(exactly: try json.integer()), let value = Self(rawValue: number) else {
      throw NotCanonical()
    }
    self = value
  }
}

extension Int64: CanonicalValue {
  package func write(to json: inout CanonicalWriter) { json.append(self) }

  package init(from json: inout CanonicalReader) throws(NotCanonical) { self = try json.integer() }
}

extension Int: CanonicalValue {
  package func write(to json: inout CanonicalWriter) { json.append(Int64(self)) }

  package init(from json: inout CanonicalReader) throws(NotCanonical) {
    guard let number = Int(exactly: try json.integer()) else { throw NotCanonical() }
    self = number
  }
}

extension Bool: CanonicalValue {
  package func write(to json: inout CanonicalWriter) { json.append(self) }

  package init(from json: inout CanonicalReader) throws(NotCanonical) { self = try json.flag() }
}

extension String: CanonicalValue {
  package func write(to json: inout CanonicalWriter) { json.append(self) }

  package init(from json: inout CanonicalReader) throws(NotCanonical) { self = try json.text() }
}

extension Array: CanonicalValue where Element: CanonicalValue {
  package func write(to json: inout CanonicalWriter) {
    json.array(self)
  }

  package init(from json: inout CanonicalReader) throws(NotCanonical) {
    self = try json.array()
  }
}
