#!/usr/bin/env bash
# Makes the sources of Vectors/x-oss-process.json anew, in the folder itself. Needs the Debian packages
#   ffmpeg libvips-tools libimage-exiftool-perl
# JPEGs are written by libjpeg with the tables of the IJG, so that the quality of a file can be told from it.
set -euo pipefail
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
ff() { ffmpeg -hide_banner -loglevel error -nostdin -y -bitexact "$@"; }

# A gradient with a mark near each corner, and one in the middle that shows which way is up. The corners themselves are free: next to a saturated
# colour a JPEG of quality 80 makes no clean white.
picture() { # width height target
  local w=$1 h=$2 s=$(( ($1 < $2 ? $1 : $2) / 8 + 1 ))
  ff -f lavfi -i "gradients=s=${w}x${h}:c0=0x24506e:c1=0xe8b36a:x0=0:y0=0:x1=$w:y1=$h:n=2:seed=7:duration=1" -frames:v 1 -vf "
    drawbox=$s:$s:$s:$s:red:fill,drawbox=$((w - 2 * s)):$s:$s:$s:lime:fill,drawbox=$s:$((h - 2 * s)):$s:$s:blue:fill,
    drawbox=$((w - 2 * s)):$((h - 2 * s)):$s:$s:yellow:fill,drawbox=$((w / 2)):$((h / 4)):$((s / 2 + 1)):$((s + 1)):white:fill,format=rgb24" "$work/$3.png"
}
jpeg() { # name width height quality
  picture "$2" "$3" "$1"
  vips jpegsave "$work/$1.png" "$1.jpg" --Q "$4" --strip
}

jpeg jpg400x267 400 267 80
jpeg jpg400x267q95 400 267 95
jpeg jpg400x300 400 300 90
jpeg jpg200x100 200 100 90
jpeg jpg3924x2550 3924 2550 90
jpeg jpg5100x3000 5100 3000 85
jpeg jpg4032x3024 4032 3024 90
jpeg jpg6000x4000 6000 4000 85
jpeg jpg424x333o7 424 333 85
jpeg jpg600x400o6 600 400 85
jpeg jpg600x400o1 600 400 85
jpeg jpg1000x10 1000 10 90
for name in jpg424x333o7:7 jpg600x400o6:6 jpg600x400o1:1; do
  exiftool -q -overwrite_original -n -Orientation="${name#*:}" "${name%:*}.jpg"
done
vips black "$work/one.v" 1 1 --bands 3
vips jpegsave "$work/one.v" jpg1x1.jpg --Q 90 --strip
ff -f lavfi -i color=0xFF0000:s=100x100,format=rgb24 -frames:v 1 "$work/red.png"
vips jpegsave "$work/red.png" jpgRed100x100.jpg --Q 100 --strip
ff -f lavfi -i color=0x0000FF80:s=300x200,format=rgba -frames:v 1 png300x200a.png
picture 300 200 png300x200
cp "$work/png300x200.png" .
ff -f lavfi -i testsrc2=s=100x80:r=5:d=1 gif100x80x5.gif
ff -f lavfi -i testsrc2=s=100x80:r=5:d=0.2 gif100x80x1.gif
picture 320 240 webp
vips webpsave "$work/webp.png" webp320x240.webp --Q 80
picture 160 120 small
ff -i "$work/small.png" -pix_fmt bgr24 bmp160x120.bmp
vips tiffsave "$work/small.png" tiff160x120.tif --compression deflate
picture 800 600 avif
vips heifsave "$work/avif.png" avif800x600.avif --compression av1 --Q 50
picture 4032 3024 heic
vips heifsave "$work/heic.png" heic4032x3024.heic --compression hevc --Q 30
# A panda is as good as any.
ff -f lavfi -i color=0xFF00FFCC:s=160x80,format=rgba,pad=200:100:20:10:color=0x00000000 -frames:v 1 panda.png
printf 'hello world' > text.txt
printf '<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10"><rect width="10" height="10"/></svg>' > svg.svg
