/// One frame's JSON object, taken apart. The body is left as it came.
struct Envelope: Equatable {
  enum Kind: String, CaseIterable {
    case hello
    case resume
    case restart
    case message
    case skip
    case ack
  }

  var kind: Kind
  var linkEpoch: Int64
  var producerEpoch: Int64
  /// 0 in a hello.
  var sequence: Int64
  /// Empty where the kind has none.
  var body: [UInt8]

  var position: StreamPosition {
    StreamPosition(producerEpoch: producerEpoch, sequence: sequence)
  }

  /// Appends the envelope as one frame.
  func append(to output: inout [UInt8]) {
    let start = FrameEncoder.beginFrame(in: &output)
    output.append(UInt8(ascii: "{"))
    if !body.isEmpty {
      output.append(contentsOf: "\"b\":".utf8)
      output.append(contentsOf: body)
      output.append(UInt8(ascii: ","))
    }
    output.append(contentsOf: "\"le\":".utf8)
    output.append(contentsOf: String(linkEpoch).utf8)
    output.append(contentsOf: ",\"pe\":".utf8)
    output.append(contentsOf: String(producerEpoch).utf8)
    if kind != .hello {
      output.append(contentsOf: ",\"seq\":".utf8)
      output.append(contentsOf: String(sequence).utf8)
    }
    output.append(contentsOf: ",\"t\":\"".utf8)
    output.append(contentsOf: kind.rawValue.utf8)
    output.append(contentsOf: "\"}".utf8)
    FrameEncoder.endFrame(startedAt: start, in: &output)
  }

  /// Reads the JSON text of a frame.
  ///
  /// - Throws: `LinkFault.notUTF8`, `.notJSON` or `.envelope`.
  static func read(_ frame: [UInt8]) throws(LinkFault) -> Envelope {
    guard String(validating: frame, as: UTF8.self) != nil else {
      throw .notUTF8(head: FrameHead(frame))
    }
    let members = try Members(of: frame)
    let kind = try members.kind()
    return Envelope(
      kind: kind,
      linkEpoch: try members.integer(.linkEpoch),
      producerEpoch: try members.integer(.producerEpoch),
      sequence: kind == .hello ? 0 : try members.integer(.sequence),
      body: try members.body(of: kind))
  }
}

extension Envelope.Kind {
  fileprivate var hasBody: Bool {
    switch self {
    case .hello, .message, .skip: true
    case .resume, .restart, .ack: false
    }
  }
}

/// The places of the known members of an envelope.
private struct Members {
  enum Name: String, CaseIterable {
    case body = "b"
    case linkEpoch = "le"
    case producerEpoch = "pe"
    case sequence = "seq"
    case kind = "t"
  }

  private static let names = Name.allCases.map { (name: $0, key: Array($0.rawValue.utf8)) }

  private let frame: [UInt8]
  private var places: [Name: Range<Int>] = [:]

  init(of frame: [UInt8]) throws(LinkFault) {
    self.frame = frame
    var found: [Name: Range<Int>] = [:]
    var doubled: Name?
    var cursor = JSONCursor(frame)
    do {
      try cursor.forEachMember { key, place in
        guard let name = Members.names.first(where: { key.elementsEqual($0.key) })?.name else {
          return
        }
        if found.updateValue(place, forKey: name) != nil { doubled = name }
      }
    } catch {
      throw .notJSON(offset: error.offset, head: FrameHead(frame))
    }
    if let doubled { throw .envelope(member: doubled.rawValue, head: FrameHead(frame)) }
    places = found
  }

  func integer(_ name: Name) throws(LinkFault) -> Int64 {
    let text = try text(name)
    guard let number = Int64(String(decoding: text, as: UTF8.self)), number >= 0 else {
      throw fault(name)
    }
    return number
  }

  func kind() throws(LinkFault) -> Envelope.Kind {
    let text = try text(.kind)
    guard text.first == UInt8(ascii: "\""),
      let kind = Envelope.Kind(
        rawValue: String(decoding: text.dropFirst().dropLast(), as: UTF8.self))
    else { throw fault(.kind) }
    return kind
  }

  func body(of kind: Envelope.Kind) throws(LinkFault) -> [UInt8] {
    kind.hasBody ? Array(try text(.body)) : []
  }

  private func text(_ name: Name) throws(LinkFault) -> ArraySlice<UInt8> {
    guard let place = places[name] else { throw fault(name) }
    return frame[place]
  }

  private func fault(_ name: Name) -> LinkFault {
    .envelope(member: name.rawValue, head: FrameHead(frame))
  }
}
