#!/bin/bash
# Unpacks Compose 2 and buildx to DIRECTORY as plug-ins of docker, for Debian 12, which has neither. The programs are those
# of the next release's packages and run unchanged; no package is installed. Usage: fetch-compose-v2.sh DIRECTORY
set -euo pipefail
mkdir -p "$1"
plugins=$(cd "$1" && pwd)
work=$(mktemp --directory)
trap 'rm -rf "$work"' EXIT
cd "$work"
mkdir -p sources lists/partial archives/partial unpacked
touch status
sed '/^#/d; s/^Suites:.*/Suites: trixie/; /^$/,$d' /etc/apt/sources.list.d/debian.sources >sources/next.sources
apt=(apt-get --quiet=2 -o Dir::Etc::SourceList=/dev/null -o Dir::Etc::SourceParts="$work/sources" -o Dir::Cache="$work"
    -o Dir::State::Lists="$work/lists" -o Dir::State::Status="$work/status" -o Acquire::Languages=none
    -o APT::Sandbox::User=root)
"${apt[@]}" update
"${apt[@]}" download docker-compose docker-buildx
for package in *.deb; do dpkg-deb --extract "$package" unpacked; done
cp unpacked/usr/libexec/docker/cli-plugins/* "$plugins/"
