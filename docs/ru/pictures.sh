#!/bin/sh
# Makes the pictures of the Russian guides again from the files of the demo, so that they show what the program writes.
# Needs LibreOffice, Chromium, pdftoppm (poppler-utils) and convert (ImageMagick).
#
#   docs/ru/pictures.sh DEMO     DEMO: a folder made by `sheets-sync demo DEMO`
set -eu
demo=${1:?name the folder made by: sheets-sync demo FOLDER}
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export SOURCE_DATE_EPOCH=0

# page NAME FILE NUMBER HEIGHT: one page of an office file, its upper HEIGHT pixels
page() {
    pdf=$work/$(printf %s "$2" | cksum | cut -d' ' -f1)
    if ! ls "$pdf"/*.pdf >/dev/null 2>&1; then
        soffice "-env:UserInstallation=file://$work/profile" --headless --convert-to pdf --outdir "$pdf" "$demo/outbox/$2" >/dev/null
    fi
    pdftoppm -r 100 -f "$3" -l "$3" -png -singlefile "$pdf"/*.pdf "$work/$1"
    finish "$1" "$4"
}

finish() {
    convert "$work/$1.png" -crop "x$2+0+0" +repage -bordercolor white -trim +repage -border 10 \
        +dither -colors 48 -strip -define png:exclude-chunks=date,time -define png:compression-level=9 "$here/pictures/$1.png"
}

page proverka school-7/Проверка.xlsx 1 580
page poryadok school-1/Проверка.xlsx 1 110
page reestr "district/Сводный реестр.xlsx" 1 620
page monitoring district/2024-06/Мониторинг.xlsx 1 775
page spravka school-1/2024-06/Справка.docx 1 830

browser=$(command -v chromium || command -v chromium-browser || command -v google-chrome)
"$browser" --headless --no-sandbox --disable-gpu --hide-scrollbars --user-data-dir="$work/browser" --window-size=900,1100 \
    --screenshot="$work/stranica.png" "file://$demo/outbox/district/2024-06/index.html" >/dev/null 2>&1
finish stranica 1100
