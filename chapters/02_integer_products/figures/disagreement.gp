# How many outputs change when rounding twice, by octave of the multiplier. The caller sets csv, the
# folder of disagreement.csv, and out, the file to write.
set terminal svg size 720,420 font "Helvetica,13" background rgb "white"
set output out
set datafile separator ","
set title "Rounding twice: the larger the multiplier below 1/2, the more outputs change"
set xlabel "multiplier m, one point per octave (geometric middle)"
set ylabel "outputs that differ from one rounding (%)"
set logscale x 2
set logscale y 10
set format x "2^{%L}"
set format y "%g"
set xrange [2**-14.5:2**0.7]
set yrange [0.0004:100]
set grid lc rgb "#dddddd"
set key left top
set label "1/2 to 1: none,\nnothing is shifted" at 0.55,0.03 center textcolor rgb "#555555"
set samples 500
plot (x < 0.5 ? 100 * 2**(floor(log(x) / log(2))) : NaN) with lines dashtype 2 lc rgb "#777777" title "half of the ties, 2^{-r} / 2", \
     csv."/disagreement.csv" using (sqrt($1 * $2)):($3 > 0 ? $3 : NaN) skip 1 \
       with points pt 7 ps 0.9 lc rgb "#D55E00" title "gemmlowp (twice) against 64-bit (once)", \
     "" using (sqrt($1 * $2)):($5 > 0 ? $5 : NaN) skip 1 \
       with points pt 5 ps 0.9 lc rgb "#0072B2" title "float32 against 64-bit (one output in 100 000)"
