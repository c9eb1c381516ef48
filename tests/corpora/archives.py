"""Archives as they were published, and as an attacker would make them."""

import io
import tarfile
import zipfile


def tar_of(files: dict[str, bytes], *, links: dict[str, str] | None = None, hard: bool = False) -> bytes:
    """A .tar.gz; `links` are names of links and where they point."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
        for name, target in (links or {}).items():
            info = tarfile.TarInfo(name)
            info.type = tarfile.LNKTYPE if hard else tarfile.SYMTYPE
            info.linkname = target
            tar.addfile(info)
    return packed.getvalue()


def device_tar(name: str) -> bytes:
    """A .tar.gz with a character device."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        info = tarfile.TarInfo(name)
        info.type = tarfile.CHRTYPE
        tar.addfile(info)
    return packed.getvalue()


def zip_of(files: dict[str, bytes], *, links: dict[str, str] | None = None) -> bytes:
    """A .zip; `links` are names of links and where they point."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content)
        for name, target in (links or {}).items():
            info = zipfile.ZipInfo(name)
            info.external_attr = 0o120777 << 16
            archive.writestr(info, target)
    return packed.getvalue()
