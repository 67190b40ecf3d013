"""Compressions of request bodies: gzip, zstd and deflate, recognized by their bytes, in bounded steps."""

import gzip
import zlib
from collections.abc import Callable

import pytest
from backports import zstd
from hypothesis import given
from hypothesis import strategies as st

from local_insights.ingest.decompress import (
    STEP_BYTES,
    BodyTooLargeError,
    Decompressor,
    UnreadableBodyError,
    UnsupportedEncodingError,
    decompress,
)


def raw_deflate(text: bytes) -> bytes:
    compressor = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return compressor.compress(text) + compressor.flush()


COMPRESSIONS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "zstd": zstd.compress,
    "zlib": zlib.compress,
    "deflate": raw_deflate,
    "": bytes,
}
HEADERS = {"zlib": "deflate"}


def in_parts(body: bytes, size: int, content_encoding: str) -> bytes:
    decompressor = Decompressor(content_encoding)
    texts = [text for begin in range(0, len(body), size) for text in decompressor.feed(body[begin : begin + size])]
    assert all(len(text) <= STEP_BYTES for text in texts)
    return b"".join(texts) + decompressor.end()


@given(
    text=st.binary(max_size=40).map(lambda tail: b"[" + tail * 50),
    size=st.integers(1, 60),
    compression=st.sampled_from(sorted(COMPRESSIONS)),
)
def test_body_in_parts_of_any_size_is_decompressed(text: bytes, size: int, compression: str) -> None:
    assert in_parts(COMPRESSIONS[compression](text), size, HEADERS.get(compression, compression)) == text


@pytest.mark.parametrize("compression", ["gzip", "zstd", "zlib"])
@pytest.mark.parametrize("header", ["", "gzip", "zstd", "deflate", "br"])
def test_compression_is_recognized_by_its_bytes_not_by_the_header(compression: str, header: str) -> None:
    assert in_parts(COMPRESSIONS[compression](b"[1]"), 100, header) == b"[1]"


@pytest.mark.parametrize("compression", [name for name in COMPRESSIONS if name])
def test_bomb_is_stopped_at_the_limit(compression: str) -> None:
    body = COMPRESSIONS[compression](b"[" * 3_000_000)
    decompressor = Decompressor(compression)
    assert len(next(decompressor.feed(body))) <= STEP_BYTES
    if compression != "deflate":  # without a header, only the other formats are recognized
        with pytest.raises(BodyTooLargeError):
            decompress(body, 1_000_000)


@pytest.mark.parametrize("compression", [name for name in COMPRESSIONS if name])
def test_truncated_body_is_unreadable(compression: str) -> None:
    body = COMPRESSIONS[compression](b"x") + COMPRESSIONS[compression](bytes(range(256)) * 20)
    with pytest.raises(UnreadableBodyError, match=f"truncated {compression}"):
        in_parts(body[:-2], 1_000, "deflate")


@pytest.mark.parametrize("compression", ["gzip", "zstd"])
@pytest.mark.parametrize("header", ["", "gzip"])
def test_body_of_which_no_byte_can_be_decompressed_has_an_unsupported_encoding(compression: str, header: str) -> None:
    expected = UnsupportedEncodingError if header else UnreadableBodyError
    with pytest.raises(expected, match=f"truncated {compression}"):
        in_parts(COMPRESSIONS[compression](b"")[:6], 100, header)


@pytest.mark.parametrize("compression", ["gzip", "zstd"])
def test_several_members_are_one_body(compression: str) -> None:
    compress = COMPRESSIONS[compression]
    assert in_parts(compress(b"[1") + compress(b",2]"), 7, compression) == b"[1,2]"


@pytest.mark.parametrize("header", ["br", "snappy", "lz4", "compress", "gzip, br", "x-unknown"])
def test_other_compression_is_not_supported(header: str) -> None:
    with pytest.raises(UnsupportedEncodingError, match="expected gzip, zstd, deflate or none"):
        in_parts(b"\x8b\x01\x80data", 100, header)


@pytest.mark.parametrize("header", ["gzip, gzip", "deflate,GZIP", "br, gzip"])
def test_body_that_is_compressed_twice_is_not_supported(header: str) -> None:
    with pytest.raises(UnsupportedEncodingError, match="expected gzip, zstd, deflate or none"):
        in_parts(gzip.compress(gzip.compress(b"[]")), 100, header)
    assert in_parts(b"[]", 100, header) == b"[]"


@pytest.mark.parametrize("header", ["identity, gzip", "gzip,", " GZIP , identity"])
def test_identity_in_a_list_of_encodings_is_ignored(header: str) -> None:
    assert in_parts(gzip.compress(b"[]"), 100, header) == b"[]"


@pytest.mark.parametrize("header", ["br", "deflate", "gzip", "zstd", "identity"])
@pytest.mark.parametrize("text", [b"[1]", b'{"a": 1}', b"\x0a\x02\x0a\x00", b" [1]", b"\xef\xbb\xbf[1]"])
def test_header_that_a_proxy_has_left_does_not_change_a_plain_body(header: str, text: bytes) -> None:
    assert in_parts(text, 100, header) == text


@pytest.mark.parametrize("compression", ["zstd", "zlib"])
@given(damage=st.integers(4, 60))
def test_damaged_body_is_unreadable_or_has_other_text(compression: str, damage: int) -> None:
    body = bytearray(COMPRESSIONS[compression](bytes(range(256))))
    body[damage] ^= 0xFF
    try:
        text = in_parts(bytes(body), 50, "")
    except UnreadableBodyError:
        return
    assert compression == "zstd"  # zstd has no checksum by default
    assert len(text) <= 512


def test_window_of_more_than_8_mib_is_rejected() -> None:
    options: dict[int, int] = {zstd.CompressionParameter.window_log: 27}
    compressor = zstd.ZstdCompressor(options=options)
    body = compressor.compress(b"[" * 20_000_000) + compressor.flush()
    with pytest.raises(UnsupportedEncodingError, match="Frame requires too much memory"):
        in_parts(body, len(body), "zstd")
