import ipaddr from 'ipaddr.js';

/** Values of a MaxMind DB's data section, as far as tests need them. */
type Value = string | number | { readonly [key: string]: Value };

/**
 * Writes a MaxMind DB, version 2.0 (https://maxmind.github.io/MaxMind-DB/): an IPv6 tree with records of 24 bits.
 *
 * @param networks record by network in CIDR form; IPv4 ones lie under ::/96
 */
export function writeMmdb(networks: Readonly<Record<string, Value>>, buildEpoch: number): Buffer {
  const nodes: [Branch, Branch][] = [[undefined, undefined]];
  const data: Buffer[] = [];
  let dataLength = 0;
  for (const [network, value] of Object.entries(networks)) {
    const [address, prefix] = ipaddr.parseCIDR(network);
    const bytes = address.kind() === 'ipv4' ? [...Array.from({ length: 12 }, () => 0), ...address.toByteArray()] : address.toByteArray();
    const length = prefix + (address.kind() === 'ipv4' ? 96 : 0);
    const offset = dataLength;
    const encoded = encode(value);
    data.push(encoded);
    dataLength += encoded.length;
    let node = 0;
    for (let bit = 0; bit < length; bit += 1) {
      const side = (((bytes[bit >> 3] ?? 0) >> (7 - (bit & 7))) & 1) as 0 | 1;
      const pair = nodes[node] as [Branch, Branch];
      if (bit === length - 1) pair[side] = { offset };
      else {
        const next = pair[side];
        if (typeof next === 'number') node = next;
        else {
          nodes.push([undefined, undefined]);
          node = pair[side] = nodes.length - 1;
        }
      }
    }
  }
  const tree = Buffer.alloc(nodes.length * 6);
  nodes.forEach((pair, index) =>
    pair.forEach((branch, side) => {
      const record = branch === undefined ? nodes.length : typeof branch === 'number' ? branch : nodes.length + 16 + branch.offset;
      tree.writeUIntBE(record, index * 6 + side * 3, 3);
    }),
  );
  const metadata = encode({
    binary_format_major_version: 2,
    binary_format_minor_version: 0,
    build_epoch: buildEpoch,
    database_type: 'Test',
    ip_version: 6,
    node_count: nodes.length,
    record_size: 24,
  });
  return Buffer.concat([tree, Buffer.alloc(16), ...data, Buffer.from('abcdef', 'hex'), Buffer.from('MaxMind.com'), metadata]);
}

/** The next node, a record's place in the data section, or nothing. */
type Branch = number | { readonly offset: number } | undefined;

/** Types of the data section: 2 a string, 6 an unsigned 32-bit integer, 7 a map. */
function encode(value: Value): Buffer {
  if (typeof value === 'string') return Buffer.concat([control(2, Buffer.byteLength(value)), Buffer.from(value)]);
  if (typeof value === 'number') {
    const number = Buffer.alloc(4);
    number.writeUInt32BE(value);
    return Buffer.concat([control(6, 4), number]);
  }
  const entries = Object.entries(value);
  return Buffer.concat([control(7, entries.length), ...entries.flatMap(([key, item]) => [encode(key), encode(item)])]);
}

/** Sizes above 28 take a byte more; above 284, which no test needs, more still. */
function control(type: number, size: number): Buffer {
  return size < 29 ? Buffer.from([(type << 5) | size]) : Buffer.from([(type << 5) | 29, size - 29]);
}
