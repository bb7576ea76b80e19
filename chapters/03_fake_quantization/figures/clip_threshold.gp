# Rounding and clipping error against the clip threshold, 4 bits, Gaussian: measured (points) and theory
# (lines).  csv and out are set by the caller.
set terminal svg size 720,420 font "Helvetica,13" background rgb "white"
set output out
set datafile separator ","
set title "4 bits, Gaussian: the best threshold lies a little beyond the crossing"
set xlabel "clip threshold T (standard deviations)"
set ylabel "mean squared error (variance of the signal = 1)"
set xrange [1:6]
set yrange [1e-5:0.3]
set logscale y
set format y "10^{%L}"
set grid lc rgb "#dddddd"
set key right center
plot csv."/clip_threshold.csv" using 1:5 skip 1 with lines lw 2 lc rgb "#0072B2" title "rounding error, theory", \
     "" using 1:2 skip 1 every 5 with points pt 7 ps 0.5 lc rgb "#0072B2" title "measured", \
     "" using 1:6 skip 1 with lines lw 2 lc rgb "#D55E00" title "clipping error, theory", \
     "" using 1:($3 > 0 ? $3 : 1/0) skip 1 every 5 with points pt 5 ps 0.5 lc rgb "#D55E00" title "measured", \
     "" using 1:7 skip 1 with lines lw 2 lc rgb "#009E73" title "total, theory", \
     "" using 1:4 skip 1 every 5 with points pt 9 ps 0.6 lc rgb "#009E73" title "measured"
