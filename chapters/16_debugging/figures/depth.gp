# Errors add up with depth; and fake quantization, run on its own, leaves the integers.
set terminal svg size 720,420 font "Helvetica,13" background rgb "white"
set output out
set datafile separator ","
set title "Random nets of 64 x 64 layers, 8 bits, mean of five seeds"
set xlabel "layers"
set ylabel "SQNR against float, dB"
set y2label "drifted, %"
set logscale x 2
set xrange [1:16]
set yrange [26:50]
set y2range [0:15]
set ytics nomirror
set y2tics
set grid lc rgb "#dddddd"
set key top center
plot csv."/depth.csv" using 1:2 skip 1 with linespoints lw 1 dt 2 lc rgb "#888888" title "the layer alone", \
     "" using 1:3:4 skip 1 with yerrorlines lw 2 lc rgb "#0072B2" title "in turn, with its 95 % interval", \
     "" using 1:5 skip 1 with lines lw 1 lc rgb "#009E73" title "own errors added (16.4)", \
     "" using 1:6:7 skip 1 axes x1y2 with yerrorlines lw 2 lc rgb "#D55E00" title "integers that fake quantization has otherwise, right axis"
