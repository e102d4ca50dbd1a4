#!/bin/sh
# Installs the Debian packages that some tests use. Where they cannot be had, those tests are
# skipped and say why: nothing else needs them.
set -u
wanted="chromium tesseract-ocr tesseract-ocr-fra postgresql \
libreoffice-writer-nogui libreoffice-calc-nogui libreoffice-impress-nogui"
command -v apt-get >/dev/null 2>&1 || {
    echo "Pas d'apt-get ici : les tests qui demandent $wanted seront sautés s'ils manquent."
    exit 0
}
missing=""
for package in $wanted; do
    dpkg -s "$package" >/dev/null 2>&1 || missing="$missing $package"
done
[ -n "$missing" ] || exit 0
sudo=""
[ "$(id -u)" = 0 ] || sudo="sudo -n"
echo "Installation de :$missing"
$sudo apt-get update -qq && DEBIAN_FRONTEND=noninteractive $sudo apt-get install -qq -y \
    --no-install-recommends $missing >/dev/null || {
    echo "Impossible d'installer :$missing. Les tests qui en dépendent seront sautés."
}
exit 0
