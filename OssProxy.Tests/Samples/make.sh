#!/usr/bin/env bash
# Makes every sample of this folder anew, in the folder itself. Needs the Debian packages
#   ffmpeg libvips-tools libheif-examples libavif-bin libimage-exiftool-perl sox libsox-fmt-all python3-xlwt
set -euo pipefail
cd "$(dirname "$0")"
ff() { ffmpeg -hide_banner -loglevel error -nostdin -y -bitexact "$@"; }
picture=(-f lavfi -i testsrc2=s=160x120 -frames:v 1)
tone=(-f lavfi -i sine=f=440:d=1)

# Images
ff -f lavfi -i "gradients=s=1600x1200:c0=0x24506e:c1=0xe8b36a:x0=0:y0=0:x1=1600:y1=1200:n=2:seed=7:duration=1" -frames:v 1 \
  -vf "noise=alls=24:allf=u:all_seed=7,gblur=sigma=0.6,format=yuvj420p" -q:v 3 photo.jpg
ff "${picture[@]}" -pix_fmt yuvj420p -q:v 5 plain.jpg
cp plain.jpg orientation-gps.jpg
exiftool -q -overwrite_original -n -Orientation=6 \
  -GPSLatitude=30.2741 -GPSLatitudeRef=N -GPSLongitude=120.1551 -GPSLongitudeRef=E orientation-gps.jpg
ff "${picture[@]}" plain.png
ff -f lavfi -i testsrc2=s=80x60:d=0.5:r=4 animated.gif
vips copy plain.png plain.webp
ff -f lavfi -i testsrc2=s=64x48 -frames:v 1 -pix_fmt bgr24 plain.bmp
heif-enc -q 40 plain.png -o plain.heic
avifenc -s 8 plain.png plain.avif > /dev/null
vips tiffsave plain.png plain.tif --compression deflate

# Videos
ff -f lavfi -i testsrc2=s=320x240:r=15:d=2 -f lavfi -i sine=f=440:d=2 \
  -c:v libx264 -pix_fmt yuv420p -crf 36 -c:a aac -b:a 32k -movflags +faststart clip.mp4
ff -i clip.mp4 -c copy clip.mov
ff -i clip.mp4 -c copy clip.3gp
ff -f lavfi -i testsrc2=s=96x72:r=10:d=1 "${tone[@]}" -c:v libvpx -crf 40 -b:v 60k -c:a libopus -b:a 16k clip.webm
ff -f lavfi -i testsrc2=s=96x72:r=10:d=1 -c:v libx264 -pix_fmt yuv420p -crf 40 clip.mkv
ff -f lavfi -i testsrc2=s=96x72:r=10:d=1 -c:v libtheora -q:v 3 theora.ogv

# Sounds
ff "${tone[@]}" -c:a libmp3lame -b:a 32k -ar 22050 tagged.mp3
ff "${tone[@]}" -c:a libmp3lame -b:a 64k -id3v2_version 0 -write_xing 0 bare.mp3
ff "${tone[@]}" -c:a aac -b:a 32k tone.m4a
ff "${tone[@]}" -c:a aac -b:a 32k tone.aac
ff -f lavfi -i sine=f=440:d=0.5:r=8000 -c:a pcm_s16le tone.wav
ff "${tone[@]}" -c:a libvorbis -q:a 0 vorbis.ogg
ff "${tone[@]}" -c:a libopus -b:a 16k opus.ogg
sox -n -r 8000 -c 1 -t amr-nb tone.amr synth 1 sine 440
# No free AMR-WB encoder at hand: fifty frames that say "no data" (RFC 4867, 5.3) are a second of silence.
python3 -c 'import sys; sys.stdout.buffer.write(b"#!AMR-WB\n" + b"\x7c" * 50)' > silence.awb

# Documents
/usr/bin/python3 make-documents.py
