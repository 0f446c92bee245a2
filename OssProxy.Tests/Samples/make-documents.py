"""Writes the documents among the samples: minimal, but complete enough for office programs to open."""

import struct
import zipfile

import xlwt

DATE = (2026, 1, 5, 0, 0, 0)
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006"
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'


def write_zip(name, entries):
    """entries: (name, text, stored?) in the order of the archive."""
    with zipfile.ZipFile(name, "w") as archive:
        for entry, text, stored in entries:
            info = zipfile.ZipInfo(entry, DATE)
            info.compress_type = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
            archive.writestr(info, text)


def ooxml(name, part, kind, text, extra=()):
    types = "".join(f'<Override PartName="/{p}" ContentType="application/vnd.openxmlformats-officedocument.{k}+xml"/>'
                    for p, k in [(part, kind)] + [(p, k) for p, k, _, _ in extra])
    entries = [
        ("[Content_Types].xml", f'{HEAD}<Types xmlns="{PACKAGE}/content-types"><Default Extension="rels" '
         f'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>{types}</Types>'),
        ("_rels/.rels", f'{HEAD}<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" '
         f'Type="{OFFICE}/relationships/officeDocument" Target="{part}"/></Relationships>'),
        (part, HEAD + text),
    ]
    if extra:
        folder, file = part.split("/")
        links = "".join(f'<Relationship Id="rId{i}" Type="{OFFICE}/relationships/{t}" Target="{p.split("/", 1)[1]}"/>'
                        for i, (p, _, t, _) in enumerate(extra, 1))
        entries.append((f"{folder}/_rels/{file}.rels", f'{HEAD}<Relationships xmlns="{PACKAGE}/relationships">{links}</Relationships>'))
        entries += [(p, HEAD + body) for p, _, _, body in extra]
    write_zip(name, [(n, t, False) for n, t in entries])


W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
ooxml("letter.docx", "word/document.xml", "wordprocessingml.document.main",
      f'<w:document xmlns:w="{W}"><w:body><w:p><w:r><w:t>你好, OSS</w:t></w:r></w:p></w:body></w:document>')

S = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
ooxml("table.xlsx", "xl/workbook.xml", "spreadsheetml.sheet.main",
      f'<workbook xmlns="{S}" xmlns:r="{OFFICE}/relationships"><sheets><sheet name="A" sheetId="1" r:id="rId1"/></sheets></workbook>',
      [("xl/worksheets/sheet1.xml", "spreadsheetml.worksheet", "worksheet",
        f'<worksheet xmlns="{S}"><sheetData><row r="1"><c r="A1"><v>42</v></c></row></sheetData></worksheet>')])

P = "http://schemas.openxmlformats.org/presentationml/2006/main"
ooxml("slides.pptx", "ppt/presentation.xml", "presentationml.presentation.main",
      f'<p:presentation xmlns:p="{P}"><p:notesSz cx="6858000" cy="9144000"/></p:presentation>')

ODF = "application/vnd.oasis.opendocument."
NS = "urn:oasis:names:tc:opendocument:xmlns:"
for name, kind, body in [
        ("letter.odt", "text", "<office:text><text:p>你好</text:p></office:text>"),
        ("table.ods", "spreadsheet", '<office:spreadsheet><table:table table:name="A"><table:table-row><table:table-cell/>'
         "</table:table-row></table:table></office:spreadsheet>"),
        ("slides.odp", "presentation", "<office:presentation/>")]:
    write_zip(name, [
        ("mimetype", ODF + kind, True),
        ("content.xml", f'{HEAD}<office:document-content xmlns:office="{NS}office:1.0" xmlns:text="{NS}text:1.0" '
         f'xmlns:table="{NS}table:1.0" office:version="1.2"><office:body>{body}</office:body></office:document-content>', False),
        ("META-INF/manifest.xml", f'{HEAD}<manifest:manifest xmlns:manifest="{NS}manifest:1.0"><manifest:file-entry '
         f'manifest:full-path="/" manifest:media-type="{ODF}{kind}"/><manifest:file-entry manifest:full-path="content.xml" '
         'manifest:media-type="text/xml"/></manifest:manifest>', False)])

write_zip("notes.zip", [("notes/readme.txt", "hello\n" * 40, False), ("notes/数据.csv", "a,b\n1,2\n", False)])

book = xlwt.Workbook()
book.add_sheet("A").write(0, 0, 42)
book.save("table.xls")


def compound_file(name, streams, class_id):
    """A compound file of version 3 (MS-CFB): header, one FAT sector, one directory sector, then streams of whole sectors."""
    sector = 512
    fat, body, entries, free = [0xFFFFFFFD, 0xFFFFFFFE], b"", [], 2

    def entry(title, kind, child, right, clsid, start, size):
        raw = title.encode("utf-16-le") + b"\0\0"
        return (raw.ljust(64, b"\0") + struct.pack("<HBBIII", len(raw), kind, 1, 0xFFFFFFFF, right, child) + clsid
                + b"\0" * 20 + struct.pack("<IQ", start, size))

    for index, (title, data) in enumerate(streams):
        count = max(-(-len(data) // sector), 8)  # 4096 bytes and more stay out of the mini stream
        size = count * sector
        entries.append(entry(title, 2, 0xFFFFFFFF, index + 2 if index + 1 < len(streams) else 0xFFFFFFFF, b"\0" * 16, free, size))
        fat += [free + i + 1 for i in range(count - 1)] + [0xFFFFFFFE]
        free += count
        body += data.ljust(size, b"\0")
    directory = entry("Root Entry", 5, 1, 0xFFFFFFFF, class_id, 0xFFFFFFFE, 0) + b"".join(entries)
    header = (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 16 + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + b"\0" * 6
              + struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)
              + struct.pack("<109I", 0, *[0xFFFFFFFF] * 108))
    fat += [0xFFFFFFFF] * (128 - len(fat))
    with open(name, "wb") as file:
        file.write(header + struct.pack("<128I", *fat) + directory.ljust(sector, b"\0") + body)


WORD = bytes.fromhex("0609020000000000c000000000000046")  # {00020906-0000-0000-C000-000000000046}
POWERPOINT = bytes.fromhex("108d81649b4fcf1186ea00aa00b929e8")  # {64818D10-4F9B-11CF-86EA-00AA00B929E8}
compound_file("letter.doc", [("1Table", b""), ("WordDocument", struct.pack("<HH", 0xA5EC, 0x00C1))], WORD)
compound_file("slides.ppt", [("PowerPoint Document", struct.pack("<HHI", 0x0F, 0x03E8, 0))], POWERPOINT)

objects = [b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
           b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 100]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>",
           b"<</Length 43>>stream\nBT /F 24 Tf 20 40 Td (Hello from OSS) Tj ET\nendstream",
           b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"]
pdf, offsets = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n", []
for number, content in enumerate(objects, 1):
    offsets.append(len(pdf))
    pdf += b"%d 0 obj\n%s\nendobj\n" % (number, content)
start = len(pdf)
pdf += b"xref\n0 6\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
pdf += b"trailer\n<</Size 6/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % start
open("page.pdf", "wb").write(pdf)

CHINESE = "上传一个文件，得到一个地址。\n第二行：图片、视频、语音。\n"
open("chinese-utf8.txt", "w", encoding="utf-8", newline="\n").write(CHINESE)
open("chinese-gbk.txt", "w", encoding="gbk", newline="\n").write(CHINESE)
open("chinese-utf16.txt", "wb").write(b"\xff\xfe" + CHINESE.encode("utf-16-le"))
