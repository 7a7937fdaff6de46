# binascii, base64, hashlib, hmac, zlib, gzip, zipfile, marshal.
import base64
import binascii
import gzip
import hashlib
import hmac
import io
import marshal
import zipfile
import zlib

data = b"The quick brown fox" * 5
print(binascii.hexlify(b"ab\xff"), binascii.unhexlify("6162"), binascii.b2a_base64(b"hello", newline=False), binascii.a2b_base64(b"aGVs bG8="), binascii.crc32(data), binascii.crc_hqx(b"abc", 0), binascii.b2a_qp(b"a=\xe9"), binascii.a2b_qp(b"a=3D"), binascii.b2a_uu(b"uu"), binascii.a2b_uu(b'"=74\n'), binascii.hexlify(b"abcd", "-", 2))
print(base64.b64encode(data)[:20], base64.b64decode(base64.b64encode(data)) == data, base64.urlsafe_b64encode(b"\xfb\xff"), base64.b32encode(b"abc"), base64.b32decode("MFRGG==="), base64.b16encode(b"ab"), base64.b85encode(b"hello"), base64.a85encode(b"hello world"), base64.b85decode(b"Xk~0{Zv"), base64.encodebytes(b"x" * 60), base64.z85encode(b"test"))
for name in ("md5", "sha1", "sha224", "sha256", "sha384", "sha512", "sha3_256", "blake2b", "blake2s"):
    h = hashlib.new(name)
    h.update(data[:50])
    copy = h.copy()
    h.update(data[50:])
    print(name, h.hexdigest()[:24], h.digest_size, h.block_size, copy.hexdigest()[:8], getattr(hashlib, name)(data).digest() == h.digest())
print(hashlib.shake_128(b"a").hexdigest(10), hmac.new(b"key", b"msg", "sha256").hexdigest()[:20], hmac.compare_digest(b"a", b"a"), hashlib.pbkdf2_hmac("sha256", b"pw", b"salt", 10).hex()[:16], hashlib.blake2b(b"x", digest_size=8, key=b"k").hexdigest())
packed = zlib.compress(data, 9)
print(zlib.decompress(packed) == data, zlib.crc32(data), zlib.adler32(data), zlib.crc32(b"b", zlib.crc32(b"a")) == zlib.crc32(b"ab"), zlib.decompress(zlib.compress(b"")), zlib.decompressobj().decompress(packed, 10), len(packed) < len(data))
c, d = zlib.compressobj(wbits=-15), zlib.decompressobj(-15)
raw = c.compress(data) + c.flush()
print(d.decompress(raw) == data, d.eof, d.unused_data, zlib.decompress(gzip.compress(data), 31) == data, gzip.decompress(gzip.compress(data, mtime=0)) == data)
with gzip.open("f.gz", "wt") as f:
    f.write("gzip text\nline 2")
with gzip.open("f.gz", "rt") as f:
    print(f.readlines())
buffer = io.BytesIO()
with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as z:
    z.writestr("a/b.txt", "content " * 20)
    z.writestr("c.bin", b"\0\1")
with zipfile.ZipFile(buffer) as z:
    print(z.namelist(), z.read("c.bin"), z.getinfo("a/b.txt").file_size, z.testzip(), z.open("a/b.txt").read(7))
for value in (None, True, 5, -(2**70), 1.5, 1j, "é", b"b", (1, (2,)), [1], {"a": 1}, {1}, frozenset([2]), ..., StopIteration):
    assert marshal.loads(marshal.dumps(value)) == value
print(marshal.loads(marshal.dumps([1, "x", (2.5,)])), eval(marshal.loads(marshal.dumps(compile("6 * 7", "f", "eval")))), marshal.version)
for f in (lambda: binascii.unhexlify("abc"), lambda: binascii.unhexlify("zz"), lambda: binascii.a2b_base64("a"), lambda: base64.b64decode("a?=", validate=True), lambda: base64.b32decode("a"), lambda: hashlib.new("nope"), lambda: hashlib.md5("str"), lambda: zlib.decompress(b"garbage"), lambda: zlib.decompress(packed[:10]), lambda: zlib.compress("s"), lambda: gzip.decompress(b"xx"), lambda: zipfile.ZipFile(io.BytesIO(b"no zip")), lambda: marshal.loads(b""), lambda: marshal.dumps(object()), lambda: marshal.loads(b"?"), lambda: zlib.compress(b"", 99), lambda: zlib.decompressobj().decompress(b"\x00\x00\x00"), lambda: base64.b85decode(b"~~~~~~")):
    try:
        print(f())
    except (ValueError, TypeError, EOFError, zlib.error, OSError, zipfile.BadZipFile) as error:
        print(type(error).__name__, error)
